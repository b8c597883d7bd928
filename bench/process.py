"""What a measuring process finds out about itself."""

import resource


def peak() -> int:
    """Megabytes of this process at its largest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
