"""The people of the playground: bodies, clothes, poses."""
