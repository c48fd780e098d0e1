"""What things are and what they are worth: CCP's static data, and market prices."""
