"""How a message is brought: one module for each sink."""
