"""First come, with money reserved when an application is registered. A table of a region policy, as in `sections`.

Without it the place in the queue decides, money is held from the award on, and a correction in substance goes to the end of the queue.
"""

from shared.policy.sections import Strict


class Registration(Strict):
    """What an application asks for is reserved when it is registered, in the order of arrival, as far as the envelope goes; a withdrawal or
    a refusal frees it. `repair_keeps_place`: also a correction in substance keeps place and reservation, and asks for no more than was
    registered.

    Source of the shape: creative vouchers of Slovakia: funds are reserved at registration; four in five files need a repair.
    """

    repair_keeps_place: bool
