"""What a folder of images holds, and what is wrong with it. No torch."""
