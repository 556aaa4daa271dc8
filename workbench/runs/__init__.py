"""Run folders, worker processes, queue and curves."""
