// A provider of promptfoo that answers sums by itself: some wrongly, and for some it fails.
export default class Answers {
  constructor(options) {
    this.identifier = options.id;
    this.config = options.config;
  }

  id() {
    return this.identifier;
  }

  async callApi(prompt, context) {
    const { a, b } = context.vars;
    if (b === this.config.throws) throw new Error("the model failed");
    if (b === this.config.refuses) return { error: "the model is not available" };
    const sum = Number(a) + b + (this.config.wrong?.includes(b) ? 1 : 0);
    return { output: `The sum is ${sum}` };
  }
}
