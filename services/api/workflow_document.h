#pragma once

#include <string_view>

#include "events/base/json_writer.h"
#include "events/event.h"
#include "projections/fold/entity.h"
#include "services/api/fault.h"

// Workflows as documents, in the API's conventions: an addition of this project, because who may
// use a connection is also decided by the workflows that hold it.
namespace conntrail::api {

// The body of PUT /api/v2/workflows/{id}: {"data":{"type":"workflow","attributes":{"name",
// "owner"?,"run_as"?,"run_as_account"?,"editors"?,"steps"?:[{"step","action","connection_id"?}]}}}.
// The whole workflow; but an owner that is left out stays as in `known` (null: there is none yet),
// or becomes `caller`.
Parsed<WorkflowSaved> ReadWorkflow(std::string_view body, const WorkflowId& id,
                                   const Workflow* known, const Principal& caller);

// The body of POST /api/v2/workflows/{id}/steps/{step}/connection: {"data":{"type":
// "step_connection","attributes":{"connection_id":"<uuid>" or null}}}. `known` with that one
// difference; 404 if it has no such step.
Parsed<WorkflowSaved> ReadStepConnection(std::string_view body, const Workflow& known,
                                         std::string_view step);

// Writes the resource.
void WriteWorkflow(JsonWriter& out, const Workflow& workflow);

}  // namespace conntrail::api
