"""The Parts tab."""
