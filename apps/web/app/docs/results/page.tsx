import { DocArticle, docMetadata } from "../../../components/docs/doc-article";

export const generateMetadata = () => docMetadata("results");

export default function Page() {
  return <DocArticle slug="results" />;
}
