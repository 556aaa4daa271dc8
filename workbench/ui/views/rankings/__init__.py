"""The Rankings tab."""
