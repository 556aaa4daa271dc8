"""Feature extractors: networks from image to feature map."""
