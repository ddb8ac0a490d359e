"""Which contracts and addenda exist for a viewer, for the journal: annulled ones too."""

from __future__ import annotations

import sqlalchemy as sa

from registry.contracts.models import Addendum, Contract
from registry.journal.visibility import Subjects

SUBJECTS = {
    Contract.__tablename__: Subjects(
        lambda viewer: sa.select(Contract.id).where(*viewer.within(Contract.territory_id))
    ),
    Addendum.__tablename__: Subjects(
        lambda viewer: (
            sa.select(Addendum.id)
            .join(Contract, Addendum.contract_id == Contract.id)
            .where(*viewer.within(Contract.territory_id))
        )
    ),
}
