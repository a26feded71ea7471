#include "topoforge/api/source_routes.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge::api {
namespace {

constexpr std::size_t kMaxNameLength = 128;
constexpr std::size_t kMaxTypeLength = 64;
constexpr std::size_t kMaxUrlLength = 2048;

struct SourceView {
  std::string id;
  std::string name;
  std::string description;
  std::string type;
  std::optional<std::string> protocol;
  std::string url;
  bool active = true;
  std::string created_by;
  Timestamp created_at;
  Timestamp updated_at;
  static constexpr auto model() { return topoforge::model("Source", "Where events come from"); }
};
BOOST_DESCRIBE_STRUCT(SourceView, (),
                      (id, name, description, type, protocol, url, active, created_by, created_at, updated_at))

struct NewSource {
  std::string name;
  std::string description;
  std::string type = "stream";
  std::optional<std::string> protocol;
  std::string url;
  bool active = true;
  static constexpr auto model() {
    return topoforge::model(
        "NewSource", "A source to be listed",
        field(&NewSource::name, {.about = "Unique, whatever its case", .min_length = 1, .max_length = kMaxNameLength}),
        field(&NewSource::description, {.has_default = true}),
        field(&NewSource::type, {.min_length = 1, .max_length = kMaxTypeLength, .has_default = true}),
        field(&NewSource::protocol, {.max_length = kMaxTypeLength, .example = "websocket"}),
        field(&NewSource::url, {.max_length = kMaxUrlLength, .has_default = true}),
        field(&NewSource::active, {.has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(NewSource, (), (name, description, type, protocol, url, active))

struct SourceChange {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> type;
  std::optional<std::string> protocol;
  std::optional<std::string> url;
  std::optional<bool> active;
  static constexpr auto model() {
    return topoforge::model("SourceChange", "What is to be changed; the rest stays as it is",
                            field(&SourceChange::name, {.min_length = 1, .max_length = kMaxNameLength}),
                            field(&SourceChange::type, {.min_length = 1, .max_length = kMaxTypeLength}),
                            field(&SourceChange::protocol, {.max_length = kMaxTypeLength}),
                            field(&SourceChange::url, {.max_length = kMaxUrlLength}));
  }
};
BOOST_DESCRIBE_STRUCT(SourceChange, (), (name, description, type, protocol, url, active))

SourceView view_of(const Source& source) {
  return {.id = source.id,
          .name = source.name,
          .description = source.description,
          .type = source.type,
          .protocol = source.protocol,
          .url = source.url,
          .active = source.active,
          .created_by = source.created_by,
          .created_at = source.created_at,
          .updated_at = source.updated_at};
}

Problem source_problem(const Error& error) { return record_problem(error, "Source"); }

/// What the work on the storage pool gives, as the answer.
template <class Work>
http::Task<Reply<SourceView>> answer_with(const Services& services, Work work) {
  const Result<Source> source = co_await http::run_on(services.storage_pool, std::move(work));
  if (!source) co_return tl::unexpected(source_problem(source.error()));
  co_return view_of(*source);
}

http::Task<Reply<std::vector<SourceView>>> list(const Services& services) {
  auto list = [&services] { return services.sources.list({.limit = kMaxSources}); };
  const Result<RecordPage<Source>> page = co_await http::run_on(services.storage_pool, std::move(list));
  if (!page) co_return tl::unexpected(source_problem(page.error()));
  std::vector<SourceView> views;
  views.reserve(page->data.size());
  for (const Source& source : page->data) views.push_back(view_of(source));
  co_return views;
}

Source source_of(NewSource given, std::string created_by, Timestamp now) {
  Source source;
  source.name_key = lower_case(given.name);
  source.name = std::move(given.name);
  source.description = std::move(given.description);
  source.type = std::move(given.type);
  source.protocol = std::move(given.protocol);
  source.url = std::move(given.url);
  source.active = given.active;
  source.created_by = std::move(created_by);
  source.created_at = source.updated_at = now;
  return source;
}

http::Task<Reply<SourceView>> create(const Services& services, NewSource given, std::string created_by) {
  Source source = source_of(std::move(given), std::move(created_by), services.clock());
  return answer_with(services, [&services, source = std::move(source)]() mutable -> Result<Source> {
    const auto page = services.sources.list({.limit = 1});
    if (!page) return tl::unexpected(page.error());
    if (page->total >= kMaxSources)
      return fail(ErrorCode::conflict, fmt::format("{} sources are listed; no more are taken", page->total));
    return services.sources.insert(std::move(source));
  });
}

void apply(const SourceChange& change, Source& source) {
  if (change.name) {
    source.name = *change.name;
    source.name_key = lower_case(source.name);
  }
  source.description = change.description.value_or(source.description);
  source.type = change.type.value_or(source.type);
  if (change.protocol) source.protocol = change.protocol;
  source.url = change.url.value_or(source.url);
  source.active = change.active.value_or(source.active);
}

http::Task<Reply<SourceView>> change(const Services& services, std::string id, SourceChange change) {
  const Timestamp now = services.clock();
  return answer_with(services, [&services, id = std::move(id), change = std::move(change), now]() -> Result<Source> {
    auto source = services.sources.get(id);
    if (!source) return source;
    apply(change, *source);
    source->updated_at = now;
    return services.sources.replace(std::move(*source));
  });
}

http::Task<Reply<NoContent>> erase(const Services& services, std::string id) {
  auto erase = [&services, id = std::move(id)] { return services.sources.erase(id); };
  const Result<void> erased = co_await http::run_on(services.storage_pool, std::move(erase));
  if (!erased) co_return tl::unexpected(source_problem(erased.error()));
  co_return NoContent{};
}

}  // namespace

void add_source_routes(RouteTable& routes, Services& services) {
  routes.add({.method = "GET", .path = "/api/sources/", .tag = "sources", .summary = "List sources, oldest first"},
             [&services](const Call&) { return list(services); });
  routes.add({.method = "POST",
              .path = "/api/sources/",
              .tag = "sources",
              .summary = "List another source",
              .access = Access::analyst,
              .status = 201,
              .errors = {400, 409}},
             [&services](const Call& call, Body<NewSource> body) {
               return create(services, std::move(body.value), call.account->username);
             });
  routes.add({.method = "GET", .path = "/api/sources/{id}", .tag = "sources", .summary = "A source", .errors = {404}},
             [&services](const Call& call) {
               return answer_with(services, [&services, id = call.id()] { return services.sources.get(id); });
             });
  routes.add({.method = "PUT",
              .path = "/api/sources/{id}",
              .tag = "sources",
              .summary = "Change a source",
              .access = Access::analyst,
              .errors = {400, 404, 409}},
             [&services](const Call& call, Body<SourceChange> body) {
               return change(services, call.id(), std::move(body.value));
             });
  routes.add({.method = "DELETE",
              .path = "/api/sources/{id}",
              .tag = "sources",
              .summary = "Take a source off the list",
              .access = Access::analyst,
              .status = 204,
              .errors = {404}},
             [&services](const Call& call) { return erase(services, call.id()); });
}

}  // namespace topoforge::api
