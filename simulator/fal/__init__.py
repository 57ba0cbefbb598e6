"""fal.ai's queue protocol."""
