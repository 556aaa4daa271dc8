"""Faces: what page and notebook share, and one package for each."""
