"""Class activation maps and sums of activations."""
