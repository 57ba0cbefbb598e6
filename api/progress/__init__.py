"""Progress of generations, streamed.

The workflow's progress query is the truth. However many clients watch a generation, one watcher asks for it;
clients read the watcher's knowledge at their own pace, each from its own position, so nothing piles up.
"""
