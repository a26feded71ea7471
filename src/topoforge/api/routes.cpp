#include "topoforge/api/routes.hpp"

#include <memory>

#include "topoforge/api/alert_config_routes.hpp"
#include "topoforge/api/anomaly_routes.hpp"
#include "topoforge/api/auth_routes.hpp"
#include "topoforge/api/detector_routes.hpp"
#include "topoforge/api/docs_pages.hpp"
#include "topoforge/api/ingest_routes.hpp"
#include "topoforge/api/live_page.hpp"
#include "topoforge/api/realtime_routes.hpp"
#include "topoforge/api/source_routes.hpp"
#include "topoforge/api/stream_socket.hpp"
#include "topoforge/api/system_routes.hpp"
#include "topoforge/api/topology_routes.hpp"
#include "topoforge/api/user_routes.hpp"

namespace topoforge::api {

http::Router make_router(RouteTable& table, Services& services) {
  add_system_routes(table, services);
  add_ingest_routes(table, services);
  add_auth_routes(table, services);
  add_user_routes(table, services);
  add_anomaly_routes(table, services);
  add_realtime_routes(table, services);
  add_topology_routes(table, services);
  add_source_routes(table, services);
  add_detector_routes(table, services);
  add_alert_config_routes(table, services);

  http::Router router = table.make_router();
  add_live_assets(router);
  add_openapi(router, table, services.version);
  add_docs_pages(router);
  router.add_web_socket("/ws/stream", stream_gate(table, services), table.pages_for(Access::stream));
  return router;
}

}  // namespace topoforge::api
