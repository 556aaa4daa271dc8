"""Image files: found, decoded within limits, as tensors."""
