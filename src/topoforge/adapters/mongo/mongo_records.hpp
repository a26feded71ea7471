#pragma once

#include "topoforge/adapters/mongo/documents.hpp"
#include "topoforge/ports/document_records.hpp"

/// Purpose: records in a MongoDB database, a collection for each type. Thread safety: any thread.
namespace topoforge {

template <class T>
using MongoRecords = DocumentRecords<T, mongo::Documents>;

}  // namespace topoforge
