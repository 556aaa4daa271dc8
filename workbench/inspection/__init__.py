"""Looking into a finished run: explanations, maps, norms, the history of a ranking, as files."""
