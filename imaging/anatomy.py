"""Proportions of an adult of seven and a half heads, as fractions of the standing height.

After the segment lengths of Drillis and Contini; a joint is where OpenPose marks it.
"""

from imaging.vectors import vec

PELVIS_TO_WAIST = vec(0, 0.062, 0)
WAIST_TO_CHEST = vec(0, 0.105, 0)
CHEST_TO_NECK = vec(0, 0.125, 0)
NECK_TO_SKULL = vec(0, 0.052, 0.012)

COLLAR = vec(0.022, 0, 0)
"""From the neck's foot to where the shoulder girdle turns."""
COLLAR_TO_SHOULDER = vec(0.09, -0.004, 0)
PELVIS_TO_HIP = vec(0.054, 0, 0)

UPPER_ARM, FOREARM, PALM, FINGERS = 0.180, 0.148, 0.045, 0.085
"""Palm and fingers count from the wrist."""
THIGH, SHANK = 0.245, 0.246
ANKLE_HEIGHT, HEEL, FOOT = 0.039, 0.035, 0.115

FACE = {
    "nose": vec(0, 0.043, 0.062),
    "left_eye": vec(0.019, 0.060, 0.050),
    "right_eye": vec(-0.019, 0.060, 0.050),
    "left_ear": vec(0.044, 0.050, -0.004),
    "right_ear": vec(-0.044, 0.050, -0.004),
    "head_top": vec(0, 0.125, -0.004),
    "chin": vec(0, -0.005, 0.048),
}
"""Seen from where the skull sits on the neck."""

LANDMARKS = {
    "head": {
        "chin": vec(0, -0.004, 0.055),
        "mouth": vec(0, 0.018, 0.062),
        "cheek": vec(0.040, 0.025, 0.045),
        "temple": vec(0.045, 0.062, 0.025),
        "forehead": vec(0, 0.085, 0.060),
        "brow": vec(0.035, 0.078, 0.052),
        "ear": vec(0.055, 0.045, 0.0),
        "nape": vec(0, 0.015, -0.060),
        "back_of_head": vec(0.02, 0.06, -0.075),
        "crown": vec(0, 0.135, 0),
    },
    "chest": {
        "chest": vec(0, 0.055, 0.085),
        "heart": vec(0.035, 0.065, 0.085),
        "collarbone": vec(0.03, 0.115, 0.055),
        "shoulder": vec(0.115, 0.135, 0.02),
        "upper_back": vec(0, 0.06, -0.08),
        "ribs": vec(0.075, 0.0, 0.055),
    },
    "pelvis": {
        "belly": vec(0, 0.08, 0.085),
        "navel": vec(0, 0.05, 0.085),
        "lap": vec(0, -0.01, 0.09),
        "waist": vec(0.098, 0.062, 0.005),
        "pocket": vec(0.105, -0.03, 0.02),
        "lower_back": vec(0, 0.05, -0.085),
    },
}
"""What a hand or foot can be put on: the palm's place for it, on the left side."""

LIMB_LANDMARKS = {
    "upper_arm": vec(0, -0.11, 0.045),
    "forearm": vec(0, -0.08, 0.035),
    "thigh": vec(0, -0.15, 0.075),
    "shank": vec(0, -0.12, 0.05),
}
LIMB_JOINTS = ("elbow", "wrist", "palm", "knee", "ankle")
LIMB_SPOTS = {*LIMB_LANDMARKS, *LIMB_JOINTS}
