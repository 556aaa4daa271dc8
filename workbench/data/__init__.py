"""Samples and splits, readers, the playground, transforms, samplers, loaders."""
