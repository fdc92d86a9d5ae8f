"""Lessons: which there are (`course.index`, the standard library alone), what is in one (`course.lesson`)."""
