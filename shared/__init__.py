"""What every service builds on: no service is imported from here.

Zones are those of the locked package `tzdata`, not of the machine, which may be years behind: two processes of one platform would count
one deadline to different instants.
"""

import zoneinfo

zoneinfo.reset_tzpath(to=())
