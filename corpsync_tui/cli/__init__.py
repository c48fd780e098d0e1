"""The commands: parse, call one function of the layers below, print."""
