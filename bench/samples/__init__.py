"""Labelled texts of many shapes, made up: what detection is measured on beside other people's sets.

Nothing here is real. Values come from Faker in nine locales and from generators of our own, frames
from the files beside this one; the seed decides everything, so two runs make the same documents.
"""
