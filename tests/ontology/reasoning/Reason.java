// Ask the OWL API and HermiT about OWL 2 documents:
//     java -cp HermiT.jar Reason.java FOLDER
// For each FOLDER/<name>.rdf one line per finding, columns parted by tabs: name, kind, text. Kinds: "violation" of the
// OWL 2 DL profile, "consistent" true or false, "unsatisfiable" class; and for each axiom of
// FOLDER/<name>.conclusion, where there is one, "follows" or "open". What HermiT refuses to read is an "error".

import java.io.File;
import java.util.Arrays;
import org.semanticweb.HermiT.Configuration;
import org.semanticweb.HermiT.Reasoner;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.AxiomType;
import org.semanticweb.owlapi.model.OWLAxiom;
import org.semanticweb.owlapi.model.OWLClass;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;

class Reason {
    public static void main(String[] arguments) {
        File[] files = new File(arguments[0]).listFiles((folder, name) -> name.endsWith(".rdf"));
        Arrays.sort(files);
        for (File file : files) {
            try {
                about(file);
            } catch (Exception problem) {
                say(file, "error", problem.toString());
            }
        }
    }

    static void about(File file) throws Exception {
        OWLOntology ontology = read(file);
        for (OWLProfileViolation violation : new OWL2DLProfile().checkOntology(ontology).getViolations()) {
            say(file, "violation", violation);
        }
        Reasoner reasoner = new Reasoner(new Configuration(), ontology);
        boolean consistent = reasoner.isConsistent();
        say(file, "consistent", consistent);
        if (!consistent) {
            return;
        }
        for (OWLClass type : ontology.getClassesInSignature()) {
            if (!type.isOWLNothing() && !reasoner.isSatisfiable(type)) {
                say(file, "unsatisfiable", type.getIRI());
            }
        }
        File conclusion = new File(file.getPath().replace(".rdf", ".conclusion"));
        if (conclusion.exists()) {
            for (OWLAxiom axiom : read(conclusion).getAxioms()) {
                if (axiom.getAxiomType() != AxiomType.DECLARATION) {
                    say(file, reasoner.isEntailed(axiom) ? "follows" : "open", axiom);
                }
            }
        }
    }

    static OWLOntology read(File file) throws Exception {
        return OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(file);
    }

    static void say(File file, String kind, Object text) {
        String name = file.getName().replace(".rdf", "");
        System.out.println(name + "\t" + kind + "\t" + text.toString().replaceAll("\\s+", " "));
    }
}
