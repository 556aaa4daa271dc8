"""Lessons: a question, one interactive, claims that are checked on what was just computed."""
