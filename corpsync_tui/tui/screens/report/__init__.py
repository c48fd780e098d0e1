"""What a month brought, beside the month before."""
