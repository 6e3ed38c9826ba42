type RawConfig = Readonly<Record<string, unknown>>;

const flowClass = "FlowMatchEulerDiscreteScheduler";

/** Whether a config is of a model that predicts a flow, whatever class it names. */
export const isFlow = (config: RawConfig): boolean =>
  String(config._class_name).startsWith("FlowMatch") ||
  config.use_flow_sigmas === true ||
  config.prediction_type === "flow_prediction";

/** The same for the one flow scheduler here: other classes call its `shift` `flow_shift`. */
export const flowConfig = (config: RawConfig): RawConfig => ({
  ...config,
  shift: config.shift ?? config.flow_shift,
  _class_name: flowClass,
});
