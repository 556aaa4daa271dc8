"""What the commands, weights and files of other systems mean here."""
