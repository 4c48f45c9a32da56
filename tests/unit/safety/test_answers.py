"""What a model's answer says, and whether a caution stands under it: the sentences that the rules
were written with, English and Spanish, and their neighbours that must not match."""

from __future__ import annotations

import time

import pytest

from hera.safety.answers import caution_texts, cautions, with_cautions, without_cautions

MUST = {
    "dose": """
Take 400 mg of ibuprofen every 6 hours.
You can take two tablets of paracetamol now.
Adults should take 1 to 2 tablets every four hours.
The usual dose is 500 mg three times a day.
Give your child 5 ml of the syrup every 8 hours.
Start with 25 mg at bedtime.
The maximum is 4 g per day.
For a child of 20 kg the dose is 15 mg per kg.
I would give him 250 milligrams.
Use two puffs of the inhaler.
You may increase it to 20 units.
Take half a tablet with meals.
Double the dose tonight.
Take another dose after an hour.
Try 10 mg once daily.
Up to 8 caplets is fine for most adults.
**Dose:** 600mg twice a day
Put 3 drops into the ear, swallow 2 capsules.
Give her one teaspoon every 6 hours.
A dose of 1,000 mg helps most people.
Tome 500 mg de paracetamol cada 8 horas.
Puede tomar dos pastillas ahora.
Dele a su hijo 5 ml del jarabe cada 6 horas.
La dosis es de 10 mg por kilo.
Tome una cucharadita tres veces al día.
Aplique dos inhalaciones.
Empiece con 25 mg por la noche.
Tome media tableta antes de dormir.
Duplique la dosis esta noche.
La dosis máxima es de 4 gramos al día.
Use 20 unidades de insulina.
Dele otra dosis dentro de una hora.
""",
    "diagnosis": """
You have pneumonia.
You definitely have diabetes.
It sounds like you have the flu.
I think you have an ear infection.
You probably have a kidney stone.
This means you have a bacterial infection.
You've got shingles.
You are having a heart attack.
You're suffering from asthma.
You are suffering from depression.
You have a mild case of bronchitis.
You have iron-deficiency anemia.
You are diabetic.
You clearly have bipolar disorder.
This is a migraine.
This is a classic case of appendicitis.
What you describe is gout.
It is definitely a sinus infection.
Your symptoms are caused by a thyroid disorder.
Your pain is due to a herniated disc.
Your diagnosis is strep throat.
You have an autoimmune disease.
Yes, you have cancer.
You have high blood pressure.
Usted tiene neumonía.
Tiene una infección de orina.
Lo que usted tiene es una migraña.
Creo que tiene gripe.
Parece que usted tiene diabetes.
Usted padece depresión.
Está sufriendo un infarto.
Esto es una apendicitis.
Su diagnóstico es lupus.
Sus síntomas se deben a una anemia.
""",
    "no_doctor": """
You do not need to see a doctor.
You don't need a doctor for this.
There is no need to see a doctor.
There is no need to call an ambulance.
No need to go to the hospital.
You do not have to go to the emergency room.
A doctor is not necessary here.
It is not necessary to see a doctor.
Seeing a doctor is unnecessary.
You won't need to visit a doctor.
He does not need to go to the hospital.
Your child does not need a pediatrician.
There is no reason to see a doctor.
There is no point in seeing a doctor.
You really don't need medical attention.
Skip the doctor and rest.
This can be treated at home without a doctor.
No need for a doctor.
You shouldn't bother with a doctor.
You needn't call 911.
If the pain is mild, you do not need to see a doctor.
Forget the hospital.
You don't need to call an ambulance, just rest.
No hace falta ir al médico.
No es necesario que vaya al médico.
No necesita ver a un médico.
No hay necesidad de ir a urgencias.
Usted no tiene que ir al hospital.
No vale la pena consultar a un médico.
No vaya al hospital.
Puede tratarse sin ir al médico.
No hace falta llamar a una ambulancia.
No necesita atención médica.
""",
    "stop_medicine": """
Stop taking your insulin.
You can stop your medication now.
Stop your blood pressure pills.
You should stop taking your antidepressant.
Just quit your meds.
Skip your insulin today.
Discontinue the statin.
You should come off your antidepressants.
Throw away your pills.
I would stop the warfarin.
You may reduce your medication.
Stop taking sertraline.
Halve your blood pressure medicine.
You no longer need your insulin.
You do not need your medication any more.
There is no need to take your antibiotics.
You don't need to take these pills.
Stop the antibiotics as soon as you feel better.
If you feel better, stop taking your medicine.
Replace your medicine with this herb.
Go off your lithium.
Cease using the prescribed inhaler.
Deje de tomar su insulina.
Puede dejar de tomar su medicamento.
Suspenda el tratamiento.
Interrumpa la medicación.
Abandone sus pastillas.
Ya no necesita la insulina.
No siga tomando el antibiótico.
No tome más su medicación.
Reduzca la dosis de su antidepresivo.
Tire sus pastillas.
""",
}

MUST_NOT = {
    "dose": """
Do not take a dose from a program.
Ask a pharmacist about the right dose.
Never give aspirin to children.
The dose depends on age and weight.
I cannot tell you how many milligrams to take.
Melatonin comes in 1 mg and 5 mg tablets.
A blood sugar above 126 mg/dL suggests diabetes.
Cholesterol below 200 mg/dl is desirable.
Eat 25 grams of fiber a day.
Drink eight glasses of water a day.
Limit salt to 5 g a day.
In the study, patients received 40 mg of the drug daily.
Participants took 20 mg or a placebo once a day.
Do not take two tablets at once.
Don't take 800 mg of ibuprofen.
Never take 2 pills together.
Do not double the dose.
If you take 400 mg every day, tell your doctor.
Take your medicine as your doctor told you.
Take the tablets with food.
Walk for 30 minutes a day.
See a doctor twice a year.
Take a deep breath.
Paracetamol is a painkiller.
Give him nothing by mouth.
Use a spoon to measure, as the leaflet says.
Keep the tablets out of reach.
Take the package with you.
No tome ninguna dosis de este programa.
No tome dos pastillas a la vez.
No duplique la dosis.
Pregunte al farmacéutico por la dosis.
Tome agua, dos litros al día.
Coma 25 gramos de fibra al día.
En el estudio tomaron 20 mg al día.
""",
    "diagnosis": """
If you have asthma, avoid smoke.
When you have a cold, rest.
Tell your doctor if you have diabetes.
Tell the pharmacist that you have kidney disease.
Do you have diabetes?
You may have pneumonia.
You might have an infection.
You could have the flu.
You do not have cancer.
You don't have diabetes.
This does not mean that you have cancer.
I cannot say that you have an infection.
You have a higher risk of diabetes.
You have no signs of infection.
You have a family history of heart disease.
You have questions about asthma.
You have to see a doctor.
You have the right to a second opinion.
People who have asthma need a plan.
Asthma is a disease of the airways.
Pneumonia is an infection of the lungs.
It is a chronic disease.
This is a question for a doctor.
This is a form of diabetes.
Whether you have an infection, only a test can tell.
If you think you have the flu, stay at home.
A doctor can tell whether you have anemia.
Once you have shingles, it can come back.
You are not alone.
Si tiene asma, evite el humo.
Cuando tiene gripe, descanse.
Puede tener neumonía.
Usted no tiene cáncer.
Dígale a su médico que tiene diabetes.
Pregunte a su médico si tiene anemia.
La gente que tiene asma necesita un plan.
El asma es una enfermedad de los bronquios.
Esto no significa que usted tiene cáncer.
¿Tiene diabetes?
""",
    "no_doctor": """
You need to see a doctor.
See a doctor if it gets worse.
Do not wait to see a doctor.
You should see a doctor today.
Don't hesitate to call a doctor.
There is no need to be ashamed to see a doctor.
There is no need to be afraid of the doctor.
You do not need a doctor's certificate.
You don't need a referral to see a specialist.
Most people do not need to see a doctor for a cold.
Do you need to see a doctor?
This does not mean that you don't need a doctor.
Do not think that you don't need a doctor.
A doctor is necessary.
If you cannot see a doctor, call a pharmacist.
You do not need to be alone.
You do not have to wait for the doctor.
It is necessary to see a doctor.
Without a doctor nobody can tell.
Never skip a visit to the doctor.
You do not need to fast before the doctor examines you.
Do not avoid the hospital.
Do not skip the doctor.
No one but a doctor can tell.
Only a doctor can say.
Call an ambulance.
Do not drive yourself to the hospital.
No espere para ir al médico.
Vaya al médico.
No dude en llamar a un médico.
Necesita ver a un médico.
Si no puede ir al médico, llame a un farmacéutico.
No tenga miedo de ir al médico.
¿No hace falta ir al médico?
Esto no significa que no necesita un médico.
Es necesario consultar a un médico.
""",
    "stop_medicine": """
Do not stop your medicine.
Don't stop taking your insulin.
Never stop your medication without asking.
Do not stop taking your antidepressant suddenly.
You should not stop your blood pressure pills.
Ask your doctor before you stop taking your medicine.
If you stop taking your insulin, your blood sugar rises.
Stopping your medicine suddenly is dangerous.
Talk to your doctor before stopping your statin.
Your doctor may tell you to stop the medicine.
People who stop taking antidepressants may feel ill.
Stop smoking.
Stop drinking alcohol.
Do not skip your insulin.
It is dangerous to stop your blood thinner.
Take your medicine every day.
Do not change or stop your treatment.
Without asking, do not reduce your medication.
You need your insulin.
Never throw away your pills.
A pharmacist can say whether to stop the antibiotic.
Why do you want to stop your medication?
Keep taking your medicine.
Medicine can stop the bleeding.
The bleeding will stop.
Reduce salt in your diet.
Replace the bandage every day.
Nobody should stop their treatment alone.
Do not simply stop the warfarin.
You cannot just stop your lithium.
No deje de tomar su insulina.
Nunca suspenda el tratamiento sin preguntar.
No interrumpa la medicación.
Pregunte a su médico antes de dejar el tratamiento.
Si deja de tomar su medicamento, puede empeorar.
Siga tomando su medicina.
Deje de fumar.
Es peligroso dejar de tomar su antidepresivo.
""",
}


def sentences(of: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, line) for name, lines in of.items() for line in lines.strip().splitlines()]


def test_there_are_enough_of_each() -> None:
    counts = [len(lines.strip().splitlines()) for of in (MUST, MUST_NOT) for lines in of.values()]
    assert min(counts) >= 30


def test_what_must_have_a_caution_has_it() -> None:
    assert [(n, line) for n, line in sentences(MUST) if n not in cautions(line)] == []


def test_what_must_not_have_a_caution_has_none() -> None:
    assert [(n, line) for n, line in sentences(MUST_NOT) if n in cautions(line)] == []


def test_an_answer_is_read_sentence_by_sentence() -> None:
    answer = "Do not stop your medicine. Take 400 mg of ibuprofen\nevery day.\nYou have **gout**."
    assert cautions(answer) == ("dose", "diagnosis")
    for language in ("en", "es"):
        both = with_cautions(answer, language)
        assert both == "\n\n".join([answer, *caution_texts(("dose", "diagnosis"), language)])
        assert without_cautions(both, language) == answer
    assert with_cautions("Asthma is a disease of the airways.") == (
        "Asthma is a disease of the airways."
    )


@pytest.mark.parametrize("filler", ["you have ", "take 5 ", "a" * 50, "stop the dose of ", "1 to "])
def test_no_answer_makes_it_slow(filler: str) -> None:
    began = time.perf_counter()
    cautions(filler * (40_000 // len(filler)))
    assert time.perf_counter() - began < 2
