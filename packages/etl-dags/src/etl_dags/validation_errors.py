"""What can be wrong with the loaded data, an error for each."""

from etl_dags.errors import PermanentError


class DataError(PermanentError):
    """The tables do not hold what the run has loaded."""


class DifferentReplicasError(DataError):
    """Replicas of a shard hold different rows."""


class EmptyShardError(DataError):
    """A shard has no rows although there are enough for all."""


class MisplacedRowError(DataError):
    """A row is on another shard than the sharding key names."""


class DuplicateIdError(DataError):
    """An id occurs more than once."""


class MissingIdError(DataError):
    """An id of the run does not occur."""


class WrongTotalError(DataError):
    """There are more or fewer rows than the run has loaded."""


class ValueOutOfRangeError(DataError):
    """A column holds a value that no product may have."""


class WrongPartitionError(DataError):
    """A partition does not hold exactly the rows of its month."""
