#pragma once

#include "projections/views/connection_view.h"
#include "services/api/fault.h"
#include "services/api/service.h"

namespace conntrail::api {

// Which connections a list is asked for: filter[…], sort, as_of, page[limit] and page[cursor].
Parsed<ConnectionQuery> ReadConnectionQuery(const Call& call);

}  // namespace conntrail::api
