"""What a board is made of: declaration, context, prices, reading."""
