/**
 * How a project of any stage is started with Docker, as it stands in its README and in what the tool says. A container whose service
 * a stage has replaced would go on and answer as before, past all that came with the stage: the last flag takes it away.
 */
export const COMPOSE_UP = 'docker compose up --build --wait --remove-orphans';
