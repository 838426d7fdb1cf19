/**
 * The timeout ladder, in whole seconds where a name does not say otherwise. Two rules hold it together: an idle connection must live longer the nearer it is to the
 * origin (or a proxy reuses one that is just being closed), and a request's deadline must be shorter the nearer it is to the
 * origin (or a proxy gives up on a request that is still worked on). The origin's own numbers are the generated program's.
 */
import { CONNECT_MS } from '../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import {
  HANDLER_MS,
  KEEP_ALIVE_MS,
  SHUTDOWN_MS,
} from '../../templates/samples/shop/stall/src/kit/timeouts.ts';

/** How far apart two rungs of the ladder are: more than a slow scheduler, less than a person notices. */
const RUNG = { idle: 5, deadline: 3, haproxyOverProgram: 2 };

const programKeepAlive = KEEP_ALIVE_MS / 1000;
const haproxyServer = HANDLER_MS / 1000 + RUNG.haproxyOverProgram;
const nginxRead = haproxyServer + RUNG.deadline;
/** nginx's own default for idle clients is 75 s; 65 s lies below what common clients and load balancers keep. */
const nginxClientKeepAlive = 65;
const haproxyKeepAlive = 60;
/** Health checks in a row that take a copy out, or bring it back. */
const CHECKS = 2;
const haproxyCheckEvery = 1;
const haproxySlowStart = 2;
const nginxFailTimeout = 2;

export const TIMEOUTS = {
  programKeepAlive,
  nginxClientKeepAlive,
  haproxyKeepAlive,
  nginxUpstreamKeepAlive: haproxyKeepAlive - RUNG.idle,
  programHandler: HANDLER_MS / 1000,
  haproxyServer,
  /** A read that takes so long sits on a hung copy: another is asked. Three tries have to fit under what nginx waits. */
  haproxyRead: 4,
  nginxRead,
  nginxSend: nginxRead,
  /**
   * Where a container dies, its address dies with it and nobody refuses the connection: only this tells. Between machines of one
   * network a connection takes a millisecond.
   */
  haproxyConnectMs: 500,
  nginxConnectMs: 500,
  haproxyCheck: 1,
  haproxyCheckEvery,
  /** How long a copy that is back is eased in. */
  haproxySlowStart,
  /** For so long nginx leaves out a copy that failed. */
  nginxFailTimeout,
  /** Until a copy that is well again has its full share: after good checks and easing in; nginx counts in whole seconds. */
  copyBack: Math.max(CHECKS * haproxyCheckEvery + haproxySlowStart, nginxFailTimeout + 1),
  haproxyClient: 30,
  /** Where every copy has as many requests as it may: no longer than a program lets one wait for a connection. */
  haproxyQueue: CONNECT_MS / 1000,
  haproxyHttpRequest: 10,
  /** How long a client of nginx may be silent in the middle of its headers or its body. */
  nginxClientSilence: 10,
  /** How long the balancer may take to notice that a copy is draining: failed checks, and one to spare. */
  drain: (CHECKS + 1) * haproxyCheckEvery,
  programShutdown: SHUTDOWN_MS / 1000,
  /** Compose's own default of 10 s would cut a slow drain short. */
  stopGracePeriod: SHUTDOWN_MS / 1000 + 10,
} as const;
