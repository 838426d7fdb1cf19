/**
 * The timeout ladder, in whole seconds. Two rules hold it together: an idle connection must live longer the nearer it is to the
 * origin (or a proxy reuses one that is just being closed), and a request's deadline must be shorter the nearer it is to the
 * origin (or a proxy gives up on a request that is still worked on).
 */

/** How long the balancer may take to notice that a copy is draining: two failed checks a second apart, and one to spare. */
const DRAIN = 3;
const HAPROXY_SERVER = 12;
const NGINX_READ = 15;

export const TIMEOUTS = {
  nginxClientKeepAlive: 65,
  nginxUpstreamKeepAlive: 55,
  haproxyKeepAlive: 60,
  haproxyServer: HAPROXY_SERVER,
  haproxyConnect: 2,
  haproxyClient: 30,
  haproxyQueue: 5,
  haproxyHttpRequest: 10,
  haproxyCheck: 2,
  nginxConnect: 2,
  nginxRead: NGINX_READ,
  nginxSend: NGINX_READ,
  drain: DRAIN,
  /** Compose's own default of 10 s would cut a slow drain short. */
  stopGracePeriod: 30,
} as const;
