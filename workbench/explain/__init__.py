"""Why two images are near each other: heatmaps, what they leave out, and how far to believe them.

Nothing here draws a page: arrays and Pillow pictures go out. Modules that use torch or the grad-cam
package are imported by name.
"""
