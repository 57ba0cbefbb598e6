"""The pose that a prompt asks for: that of the library whose description it repeats, else a guess."""

from imaging import library
from schema.pose import Keypoints
from simulator import stock_poses


def choose(prompt: str) -> Keypoints:
    words = prompt.lower()
    said = [pose for pose in library.load().poses if pose.description.lower().rstrip(". ") in words]
    if not said:
        return stock_poses.choose(prompt)
    return max(said, key=lambda pose: len(pose.description)).keypoints
