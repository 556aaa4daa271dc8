"""Pretrained weights: found, downloaded, read and transferred into a network."""
