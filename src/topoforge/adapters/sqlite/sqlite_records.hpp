#pragma once

#include "topoforge/adapters/sqlite/documents.hpp"
#include "topoforge/ports/document_records.hpp"

/// Purpose: records in the SQLite file that holds everything. Thread safety: any thread.
namespace topoforge {

template <class T>
using SqliteRecords = DocumentRecords<T, sqlite::Documents>;

}  // namespace topoforge
