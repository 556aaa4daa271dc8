"""Pasted shell text, read as the programs it would start. Nothing of it is ever run."""
