"""Figures cut out of pictures, and put before other backgrounds.

Where the figure is is known beforehand, so no model is needed: its skeleton runs through it, the backdrop is
far from it, and what lies between is decided by colour.
"""
