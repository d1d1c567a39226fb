"""Awards become vouchers: offer, acceptance, validity, claim window, end; and every deadline of the programme."""
