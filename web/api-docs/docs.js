'use strict';
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  // An outside service; it would be told where this server is.
  validatorUrl: null,
});
