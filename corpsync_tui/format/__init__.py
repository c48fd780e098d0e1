"""How values read: times, amounts and signs, once for screens, commands and sentences."""
