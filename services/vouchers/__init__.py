"""Awards become vouchers: offer, acceptance, validity, claim window, end. Also has every deadline of the programme (`deadlines/`)."""
