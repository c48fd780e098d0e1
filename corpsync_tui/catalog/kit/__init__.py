"""What a declaration is made of: data sets, decoding, how a change reads, rules."""
