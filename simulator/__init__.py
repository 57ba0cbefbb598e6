"""A provider in a box: speaks the image services' wire protocols, draws the asked pose, misbehaves when told.

A separate program. The product's own client code talks to it unchanged, without keys and without a network.
"""
