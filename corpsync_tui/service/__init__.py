"""The seam between the front ends and the rest of corpsync."""
