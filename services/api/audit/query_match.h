#pragma once

#include "services/api/audit/audit_document.h"
#include "services/api/audit/query_ast.h"

namespace conntrail::api {

// True if `query` takes `document`.
//
// A word or a sequence is found where it begins and ends with a word of the text; one with
// wildcards, where it is a whole word of it, or all between two spaces but for the punctuation
// around. An attribute that is an array is taken if one of its elements is. A number compares with
// a number, or with a text that is one.
bool Matches(const QueryNode& query, const AuditDocument& document);

// What must be in a document for `query` to look at it: bits of AuditPart.
unsigned PartsNeeded(const QueryNode& query);

}  // namespace conntrail::api
