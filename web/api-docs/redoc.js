'use strict';
Redoc.init(
  '/openapi.json',
  {
    // The fonts of the machine; those that ReDoc names would come from outside.
    theme: {
      typography: {
        fontFamily: 'system-ui, sans-serif',
        headings: { fontFamily: 'system-ui, sans-serif' },
        code: { fontFamily: 'ui-monospace, monospace' },
      },
    },
  },
  document.getElementById('api'),
);
