"""Measurements in place of answers: runs, training files, folders of documents."""
